package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/**
 * Reads, beside the usage, the id under which a model server keeps its answer: that of the object
 * that the body is, or of the {@code response} of a stream's first event that has one. One thread
 * at a time; any may ask for the id.
 */
public final class AnswerIdReader implements UsageReader {

  private static final EventStream.Format STREAM =
      new EventStream.Format("\"response\"", false, false);

  private final UsageReader usage;
  private @Nullable EventStream events; // until the id is known
  private volatile @Nullable String id;

  /**
   * @param usage reads the usage
   */
  public AnswerIdReader(UsageReader usage, boolean isEventStream) {
    this.usage = usage;
    this.events = isEventStream ? new EventStream(STREAM, this::event) : null;
  }

  /** The id; null as long as none was read. Any thread. */
  public @Nullable String id() {
    return id;
  }

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    if (id == null) {
      if (events == null) {
        id = idOf(new JsonScanner(bytes, start, end), null);
      } else {
        readEvents(events, bytes, start, end);
      }
    }
    return usage.read(bytes, start, end);
  }

  private void readEvents(EventStream from, byte[] bytes, int start, int end) {
    from.read(bytes, start, end);
    if (id != null) {
      events = null; // with what it keeps
    }
  }

  @Override
  public @Nullable Usage finish() {
    if (id == null && events != null) {
      events.finish();
    }
    return usage.finish();
  }

  @Override
  public long streamedEvents() {
    return usage.streamedEvents();
  }

  private void event(byte[] bytes, int start, int end) {
    if (id != null) {
      return;
    }
    JsonScanner json = new JsonScanner(bytes, start, end);
    String found = null;
    if (json.kind() == JsonKind.OBJECT) {
      json.enter();
      while (json.nextMember()) {
        if (json.keyIs("response")) {
          found = idOf(json, found);
        } else {
          json.skip();
        }
      }
    }
    id = json.error() == null ? found : null;
  }

  /** The id of the object that stands here; what was known before when it has none. */
  private static @Nullable String idOf(JsonScanner json, @Nullable String before) {
    if (json.kind() != JsonKind.OBJECT) {
      json.skip();
      return before;
    }
    String found = before;
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("id") && json.kind() == JsonKind.STRING) {
        String text = json.text().content();
        found = text.isEmpty() ? found : text;
      } else {
        json.skip();
      }
    }
    return json.error() == null ? found : before;
  }
}
