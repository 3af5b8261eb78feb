package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.proxy.Relay;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegListener;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds an answer back until it may be given: what was read at once is kept, and no more read. On
 * the exchange's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the exchange tells its end
final class HeldRelay implements LegListener {

  private final Relay relay;
  private final List<Runnable> held = new ArrayList<>();
  private final List<HttpContent> parts = new ArrayList<>();
  private @Nullable Leg leg;
  private boolean isReleased;
  private boolean isDropped;

  HeldRelay(Relay relay) {
    this.relay = relay;
  }

  void follow(Leg followed) {
    leg = followed;
  }

  /** It may be given now. */
  void release() {
    Leg own = leg;
    if (isReleased || isDropped || own == null) {
      return;
    }
    isReleased = true;
    relay.follow(own);
    parts.clear();
    held.forEach(Runnable::run);
    held.clear();
    relay.pause();
  }

  /** It is not wanted any more. */
  void drop() {
    if (!isReleased) {
      isDropped = true;
      parts.forEach(HttpContent::release);
      parts.clear();
      held.clear();
      if (leg != null) {
        leg.cancel();
      }
    }
  }

  private void pass(Runnable event) {
    if (isReleased) {
      event.run();
    } else if (!isDropped) {
      held.add(event);
    }
  }

  @Override
  public void head(HttpResponse head) {
    pass(() -> relay.head(head));
  }

  @Override
  public void part(HttpContent part) {
    if (isDropped) {
      part.release();
      return;
    }
    if (!isReleased) {
      parts.add(part);
    }
    pass(() -> relay.part(part));
  }

  @Override
  public void pause() {
    if (isReleased) {
      relay.pause();
    }
  }

  @Override
  public void end(LastHttpContent last) {
    if (isDropped) {
      last.release();
      return;
    }
    if (!isReleased) {
      parts.add(last);
    }
    pass(() -> relay.end(last));
  }

  @Override
  public void failed(LegFailure failure) {
    pass(() -> relay.failed(failure));
  }
}
