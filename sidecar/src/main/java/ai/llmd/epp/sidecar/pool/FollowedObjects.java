package ai.llmd.epp.sidecar.pool;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Objects of one kind, as the API server lists them and tells their changes. After an error they
 * are listed again, with growing pauses; what was known until then stays.
 */
final class FollowedObjects implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FollowedObjects.class);
  private static final int MAX_LIST = 128 << 20; // bytes
  private static final int MAX_EVENT = 8 << 20; // bytes; objects have 1.5 MiB at most
  private static final int WATCH_SECONDS = 300; // the server ends a watch then
  private static final long FIRST_PAUSE = 500; // ms
  private static final long LONGEST_PAUSE = 30_000; // ms

  private final KubernetesApi api;
  private final String path;
  private final String selection;
  private final Listener listener;
  private final Thread thread;
  private volatile boolean isClosed;

  /** Learns what there is; called by one thread. */
  interface Listener {

    /** All objects there are. */
    void all(List<JsonObject> objects);

    /** An object is new, or has changed. */
    void changed(JsonObject object);

    /** An object is gone. */
    void deleted(JsonObject object);
  }

  /**
   * Begins.
   *
   * @param parameter {@code labelSelector} or {@code fieldSelector}
   * @param selector which objects, as it is written there
   */
  FollowedObjects(
      KubernetesApi api, String path, String parameter, String selector, Listener listener) {
    this.api = api;
    this.path = path;
    this.selection = "?" + parameter + "=" + URLEncoder.encode(selector, UTF_8);
    this.listener = listener;
    this.thread = Thread.ofVirtual().name("objects").start(this::follow);
  }

  private void follow() {
    long pause = FIRST_PAUSE;
    while (!isClosed) {
      try {
        String version = list();
        while (!isClosed) {
          version = watch(version);
          pause = FIRST_PAUSE; // a list alone is no success: it would be asked for again and again
        }
      } catch (IOException | InvalidJsonException | RuntimeException e) {
        if (!isClosed) {
          log.atWarn()
              .addKeyValue("path", path)
              .addKeyValue("reason", e.getMessage())
              .log("cannot be followed, listed again soon");
        }
      } catch (InterruptedException e) {
        return; // closed
      }
      if (!sleep(pause)) {
        return;
      }
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
  }

  /** With a little more or less, so that the sidecars of a pool do not ask all at once. */
  private static boolean sleep(long pause) {
    try {
      Thread.sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause));
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private String list() throws IOException, InterruptedException, InvalidJsonException {
    byte[] body;
    try (InputStream in = api.get(path + selection + "&resourceVersion=0")) {
      body = in.readNBytes(MAX_LIST + 1);
    }
    if (body.length > MAX_LIST) {
      throw new IOException("the list has more than " + MAX_LIST + " bytes");
    }
    JsonObject list = JsonObject.parse(body);
    listener.all(list.objects("items"));
    return version(list, "0");
  }

  private static String version(JsonObject object, String otherwise) {
    JsonObject metadata = object.object("metadata");
    String version = metadata == null ? null : metadata.text("resourceVersion");
    return version == null ? otherwise : version;
  }

  /** Until the server ends it; returns the version from which to go on. */
  private String watch(String from) throws IOException, InterruptedException, InvalidJsonException {
    String version = from;
    String query =
        "&watch=true&allowWatchBookmarks=true&timeoutSeconds="
            + WATCH_SECONDS
            + "&resourceVersion="
            + URLEncoder.encode(from, UTF_8);
    long start = System.nanoTime();
    try (InputStream in = new BufferedInputStream(api.get(path + selection + query))) {
      for (byte[] line = line(in); line.length > 0; line = line(in)) {
        version = take(JsonObject.parse(line), version);
      }
    }
    if (System.nanoTime() - start < 1_000_000_000) {
      throw new IOException("the watch ended at once");
    }
    return version;
  }

  private static byte[] line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n' && line.size() > 0) {
        break;
      }
      if (line.size() >= MAX_EVENT) {
        throw new IOException("an event has more than " + MAX_EVENT + " bytes");
      }
      line.write(next);
    }
    return line.toByteArray();
  }

  private String take(JsonObject event, String version) throws IOException {
    JsonObject object = event.object("object");
    String type = event.text("type");
    if (object == null || type == null || type.equals("ERROR")) {
      String why = object == null ? "" : object.text("message");
      throw new IOException("the watch failed: " + why);
    }
    switch (type) {
      case "ADDED", "MODIFIED" -> listener.changed(object);
      case "DELETED" -> listener.deleted(object);
      default -> {} // a bookmark
    }
    return version(object, version);
  }

  @Override
  public void close() {
    isClosed = true;
    thread.interrupt();
  }
}
