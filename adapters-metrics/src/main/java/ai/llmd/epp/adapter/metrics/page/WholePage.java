package ai.llmd.epp.adapter.metrics.page;

import ai.llmd.epp.domain.pool.EndpointState;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects a page, up to a limit, for extractors that read it as a whole. */
public final class WholePage implements PageReading {

  /** A longer page is not read. */
  public static final int MAX_BYTES = 1 << 20;

  private static final int FIRST_BYTES = 4096;

  private final EndpointState endpoint;
  private final List<PageExtractor> extractors;
  private byte[] page = new byte[0];
  private int length;
  private @Nullable String failure;

  /**
   * @param endpoint whose pages these are
   */
  public WholePage(EndpointState endpoint, List<PageExtractor> extractors) {
    this.endpoint = endpoint;
    this.extractors = List.copyOf(extractors);
  }

  @Override
  public void begin() {
    length = 0;
    failure = null;
  }

  @Override
  public boolean take(ByteBuf part) {
    int more = part.readableBytes();
    if (more > MAX_BYTES - length) {
      failure = "the page is longer than " + MAX_BYTES + " bytes";
      return false;
    }
    if (more > page.length - length) {
      int wanted = Math.max(FIRST_BYTES, Math.max(2 * page.length, length + more));
      page = Arrays.copyOf(page, Math.min(MAX_BYTES, wanted));
    }
    part.getBytes(part.readerIndex(), page, length, more);
    length += more;
    return true;
  }

  @Override
  public boolean end() {
    return true;
  }

  @Override
  public @Nullable String failure() {
    return failure;
  }

  @Override
  public boolean publish(Problems problems) {
    for (int i = 0; i < extractors.size(); i++) {
      try {
        extractors.get(i).read(endpoint, page, length, problems::add);
      } catch (RuntimeException e) { // a stranger's plugin must not stop the others
        problems.add(e.toString());
      }
      problems.end(i);
    }
    return false;
  }
}
