package ai.llmd.epp.configuration.store;

import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.application.port.out.SecretSource;
import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.yaml.RecordTree;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the state store as the values of YAML, with every default; secrets by their place.
 */
public final class StateStoreTree {

  private StateStoreTree() {}

  /** What reads as these settings. */
  public static Map<String, @Nullable Object> of(StateStoreSettings settings) {
    Map<String, @Nullable Object> memory = new LinkedHashMap<>();
    memory.put("prefixIndexMaxBytes", settings.budget().prefixIndexBytes());
    memory.put("maxSessions", settings.budget().sessions());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("type", settings.type());
    fields.put("memory", memory);
    Map<String, @Nullable Object> parameters = withoutEmpty(RecordTree.of(settings.parameters()));
    if (!parameters.isEmpty()) {
      fields.put(settings.type(), parameters);
    }
    ReplicationSettings replication = settings.replication();
    fields.put("flushInterval", GoDuration.format(replication.flushInterval()));
    fields.put("lease", GoDuration.format(replication.lease()));
    fields.put("warmUpTimeout", GoDuration.format(replication.warmUpTimeout()));
    fields.put("backlogMaxBytes", replication.backlogBytes());
    fields.put("retention", GoDuration.format(replication.retention()));
    hashSecret(settings.hashSecretSource(), fields);
    return fields;
  }

  private static void hashSecret(
      @Nullable SecretSource source, Map<String, @Nullable Object> fields) {
    if (source != null && source.file() != null) {
      fields.put("hashSecretFile", source.file().toString());
    } else if (source != null) {
      fields.put("hashSecretEnv", source.environment());
    }
  }

  /** What is empty is as good as not written, and a reader looks for what is there. */
  private static Map<String, @Nullable Object> withoutEmpty(Map<?, ?> fields) {
    Map<String, @Nullable Object> written = new LinkedHashMap<>();
    fields.forEach(
        (name, value) -> {
          Object kept = value instanceof Map<?, ?> nested ? withoutEmpty(nested) : value;
          if (!isEmpty(kept)) {
            written.put(String.valueOf(name), kept);
          }
        });
    return written;
  }

  private static boolean isEmpty(@Nullable Object value) {
    return switch (value) {
      case null -> true;
      case String text -> text.isEmpty();
      case Collection<?> items -> items.isEmpty();
      case Map<?, ?> fields -> fields.isEmpty();
      default -> false;
    };
  }
}
