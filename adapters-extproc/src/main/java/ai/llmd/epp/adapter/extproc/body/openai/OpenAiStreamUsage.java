package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/**
 * Usage of an OpenAI event stream, and its number of events. An event without the text {@code
 * usage}, which is nearly every one, is passed over twice, for that text and for line ends, and
 * leaves nothing behind.
 */
public final class OpenAiStreamUsage implements UsageReader {

  private final EventStream stream = new EventStream("usage", false, this::event);
  private @Nullable Usage found;

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

  private void event(byte[] bytes, int start, int end) {
    Usage reported = new OpenAiEvent().read(new JsonScanner(bytes, start, end));
    if (reported != null) {
      found = found == null ? reported : found.merge(reported);
    }
  }

  private @Nullable Usage take() {
    Usage taken = found;
    found = null;
    return taken;
  }

  @Override
  public long streamedEvents() {
    return stream.dataLines();
  }
}
