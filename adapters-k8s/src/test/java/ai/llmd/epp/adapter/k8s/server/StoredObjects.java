package ai.llmd.epp.adapter.k8s.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Objects by path, and everything that happened to them since the last compaction. Each change has
 * a version of its own, higher than all before. One thread.
 */
final class StoredObjects {

  /**
   * One change.
   *
   * @param version of the store after it
   * @param type {@code ADDED}, {@code MODIFIED} or {@code DELETED}
   * @param path of the object
   */
  record Change(long version, String type, String path, ObjectNode object) {

    boolean isIn(String collection, @Nullable String name) {
      return path.equals(collection + "/" + (name == null ? nameIn(path) : name));
    }

    private static String nameIn(String path) {
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  private final Map<String, ObjectNode> objects = new TreeMap<>();
  private final List<Change> history = new ArrayList<>();
  private final Consumer<Change> listener;
  private long version = 1;
  private long compactedUpTo;
  private Map<String, ObjectNode> backup = Map.of();
  private long backupVersion;

  /**
   * @param listener called at each change
   */
  StoredObjects(Consumer<Change> listener) {
    this.listener = listener;
  }

  long version() {
    return version;
  }

  @Nullable ObjectNode get(String path) {
    return objects.get(path);
  }

  ObjectNode put(String path, JsonNode sent) {
    ObjectNode before = objects.get(path);
    ObjectNode object = (ObjectNode) sent.deepCopy();
    ObjectNode metadata = object.withObject("/metadata");
    metadata.put(
        "uid",
        before == null ? UUID.randomUUID().toString() : before.at("/metadata/uid").asString());
    stamp(object);
    objects.put(path, object);
    publish(before == null ? "ADDED" : "MODIFIED", path, object);
    return object;
  }

  @Nullable ObjectNode remove(String path) {
    ObjectNode before = objects.remove(path);
    if (before == null) {
      return null;
    }
    ObjectNode object = before.deepCopy();
    stamp(object);
    publish("DELETED", path, object);
    return object;
  }

  private void stamp(ObjectNode object) {
    version++;
    object.withObject("/metadata").put("resourceVersion", Long.toString(version));
  }

  private void publish(String type, String path, ObjectNode object) {
    Change change = new Change(version, type, path, object);
    history.add(change);
    listener.accept(change);
  }

  /** What is there now, as if it had just been added. */
  Stream<Change> all() {
    return objects.entrySet().stream()
        .map(entry -> new Change(version, "ADDED", entry.getKey(), entry.getValue()));
  }

  /** Whether the changes after this version are still known. */
  boolean remembers(long since) {
    return since >= compactedUpTo;
  }

  List<Change> after(long since) {
    return history.stream().filter(change -> change.version() > since).toList();
  }

  /** Remembers what there is now, as a snapshot of etcd does. */
  void backUp() {
    backup = Map.copyOf(objects);
    backupVersion = version;
  }

  /** Puts back what there was then, with the versions that all had then. */
  void restore() {
    objects.clear();
    objects.putAll(backup);
    version = backupVersion;
    history.removeIf(change -> change.version() > backupVersion);
  }

  /** Forgets what happened, as etcd does after five minutes. */
  void compact() {
    version++; // so that no client can have read at the version that is left
    compactedUpTo = version;
    history.clear();
  }
}
