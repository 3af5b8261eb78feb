package ai.llmd.epp.sidecar.proxy;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegListener;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hands the answer of a leg to the client while it comes. More is read from the model server only
 * when the client has taken what came before; when the client goes away, the leg is cancelled. An
 * answer that breaks off in the middle breaks off the client's, too.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the channel
public final class Relay implements LegListener {

  private static final int SWITCHING_PROTOCOLS = 101;

  private final Exchange exchange;
  private final Function<HttpResponse, @Nullable BodyTransform> transforms;
  private final Function<LegFailure, ErrorAnswer> errors;

  private @Nullable Leg leg;
  private @Nullable BodyTransform transform;
  private @Nullable HttpResponse heldHead; // until the transform knows the body's length
  private boolean isOver;

  /**
   * Of an answer that may be changed.
   *
   * @param transforms what changes the body of an answer; null for none
   * @param errors what the client gets when there is no answer
   */
  public Relay(
      Exchange exchange,
      Function<HttpResponse, @Nullable BodyTransform> transforms,
      Function<LegFailure, ErrorAnswer> errors) {
    this.exchange = exchange;
    this.transforms = transforms;
    this.errors = errors;
  }

  /** Of an answer as it is. */
  public Relay(Exchange exchange, Function<LegFailure, ErrorAnswer> errors) {
    this(exchange, head -> null, errors);
  }

  /** The leg whose answer this is; to be called as soon as there is one. */
  public void follow(Leg followed) {
    leg = followed;
    exchange.whenWritable(followed::read);
    exchange.whenGone(followed::cancel);
  }

  @Override
  public void head(HttpResponse given) {
    if (given.status().code() == SWITCHING_PROTOCOLS) {
      tunnel(given);
      return;
    }
    HttpHeaders headers = ForwardedHeaders.withoutHops(given.headers());
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, given.status(), headers);
    transform = transforms.apply(given);
    if (transform == null) {
      exchange.respond(head);
      return;
    }
    headers.remove(HttpHeaderNames.CONTENT_LENGTH);
    if (transform.isWhole()) {
      heldHead = head;
    } else {
      exchange.respond(head);
    }
  }

  private void tunnel(HttpResponse given) {
    Leg own = leg;
    if (own == null) {
      exchange.breakOff();
      return;
    }
    if (!PlainProxy.isUpgrade(exchange.request())) {
      failed(
          new LegFailure(LegFailure.Kind.BROKEN, "the protocol was changed without being asked"));
      own.cancel();
      return;
    }
    isOver = true;
    Tunnel.open(exchange, own, given);
  }

  @Override
  public void part(HttpContent part) {
    BodyTransform changing = transform;
    if (changing == null) {
      exchange.send(part.content());
      return;
    }
    ByteBuf changed = changing.part(part.content());
    if (heldHead != null && !changing.isWhole()) {
      exchange.respond(heldHead);
      heldHead = null;
    }
    sendIfAny(changed);
  }

  private void sendIfAny(ByteBuf bytes) {
    if (bytes.isReadable()) {
      exchange.send(bytes);
    } else {
      bytes.release();
    }
  }

  @Override
  public void pause() {
    exchange.flush();
    if (exchange.isWritable() && leg != null) {
      leg.read();
    }
  }

  @Override
  public void end(LastHttpContent last) {
    isOver = true;
    BodyTransform changing = transform;
    if (changing != null) {
      ByteBuf rest = changing.end();
      if (heldHead != null) {
        heldHead.headers().set(HttpHeaderNames.CONTENT_LENGTH, rest.readableBytes());
        exchange.respond(heldHead);
        heldHead = null;
      }
      sendIfAny(rest);
    }
    LastHttpContent end = LastHttpContent.EMPTY_LAST_CONTENT;
    if (!last.trailingHeaders().isEmpty()) {
      end = new DefaultLastHttpContent();
      end.trailingHeaders().set(last.trailingHeaders());
    }
    last.release();
    exchange.end(end);
  }

  @Override
  public void failed(LegFailure failure) {
    if (isOver) {
      return;
    }
    isOver = true;
    if (transform != null) {
      transform.end().release();
    }
    errors.apply(failure).to(exchange);
  }
}
