package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.ByteSearch;
import ai.llmd.epp.adapter.extproc.body.DataLines;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Usage of an OpenAI event stream, and its number of events. A chunk without the text {@code
 * usage}, which is nearly every one, is passed over twice, for that text and for line starts, and
 * leaves nothing behind.
 */
public final class OpenAiStreamUsage implements UsageReader {

  private static final byte[] USAGE = "usage".getBytes(StandardCharsets.US_ASCII);

  private final DataLines lines = new DataLines(false);
  private long streamedEvents;

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    lines.open(bytes, start, end);
    boolean mayHaveUsage = ByteSearch.indexOf(bytes, start, end, USAGE) >= 0;
    Usage usage = mayHaveUsage ? countEventsAndFindUsage() : countEvents();
    lines.close();
    return usage;
  }

  private @Nullable Usage countEvents() {
    while (lines.next()) {
      if (!lines.isTerminator()) {
        streamedEvents++;
      }
    }
    return null;
  }

  private @Nullable Usage countEventsAndFindUsage() {
    OpenAiEvent event = new OpenAiEvent(); // what one line sets stays for the next, as upstream
    Usage usage = null;
    while (lines.next()) {
      if (!lines.isTerminator()) {
        streamedEvents++;
        if (usage == null && lines.contains(USAGE) && lines.isJson()) {
          usage = event.read(lines.json());
        }
      }
    }
    return usage;
  }

  @Override
  public long streamedEvents() {
    return streamedEvents;
  }
}
