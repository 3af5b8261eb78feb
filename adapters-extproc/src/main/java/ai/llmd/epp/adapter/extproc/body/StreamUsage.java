package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of an event stream: what its events report, merged. One stream's thread. */
public final class StreamUsage implements UsageReader {

  /** Reads the usage of one event, valid JSON; null when it reports none. */
  @FunctionalInterface
  public interface EventUsage {
    @Nullable Usage read(JsonScanner event);
  }

  private final EventUsage usage;
  private final EventStream stream;
  private @Nullable Usage found;

  /**
   * @param format of the stream; its mark stands in every event that reports usage
   */
  public StreamUsage(EventStream.Format format, EventUsage usage) {
    this.usage = usage;
    this.stream = new EventStream(format, this::event);
  }

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    stream.read(bytes, start, end);
    return take();
  }

  @Override
  public @Nullable Usage finish() {
    stream.finish();
    return take();
  }

  @Override
  public long streamedEvents() {
    return stream.dataLines();
  }

  private void event(byte[] bytes, int start, int end) {
    Usage reported = usage.read(new JsonScanner(bytes, start, end));
    if (reported != null) {
      found = found == null ? reported : found.merge(reported);
    }
  }

  private @Nullable Usage take() {
    Usage taken = found;
    found = null;
    return taken;
  }
}
