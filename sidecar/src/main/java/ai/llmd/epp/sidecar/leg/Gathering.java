package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.proxy.ForwardedHeaders;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegListener;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Gathers an answer, or reads it to its end and keeps none of its body. */
@SuppressWarnings("FutureReturnValueIgnored") // the answer tells its end
final class Gathering implements LegListener {

  private final int longest;
  private final CompletableFuture<Answer> whole = new CompletableFuture<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  private @Nullable Leg leg;
  private int status;
  private HttpHeaders headers = new DefaultHttpHeaders();

  /**
   * @param longest bytes of a body; 0 to keep none of it
   */
  Gathering(int longest) {
    this.longest = longest;
  }

  /** Of this leg, whose answer is read from now on. */
  void follow(Leg followed) {
    leg = followed;
    followed.read();
  }

  void giveUp() {
    if (leg != null) {
      leg.cancel();
    }
  }

  /** Fails with a {@link LegFailure}. */
  CompletableFuture<Answer> whole() {
    return whole;
  }

  @Override
  public void head(HttpResponse head) {
    status = head.status().code();
    headers = ForwardedHeaders.withoutHops(head.headers());
  }

  @Override
  public void part(HttpContent part) {
    try {
      if (longest > 0) {
        keep(part);
      }
    } finally {
      part.release();
    }
  }

  private void keep(HttpContent part) {
    if (body.size() + (long) part.content().readableBytes() > longest) {
      whole.completeExceptionally(
          new LegFailure(
              LegFailure.Kind.TOO_LONG, "the answer has more than " + longest + " bytes"));
      giveUp();
      return;
    }
    try {
      part.content().readBytes(body, part.content().readableBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // never, to memory
    }
  }

  @Override
  public void pause() {
    if (leg != null) {
      leg.read();
    }
  }

  @Override
  public void end(LastHttpContent last) {
    last.release();
    whole.complete(new Answer(status, headers, body.toByteArray()));
  }

  @Override
  public void failed(LegFailure failure) {
    whole.completeExceptionally(failure);
  }
}
