package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.Waiting;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.proxy.Relay;
import ai.llmd.epp.sidecar.upstream.Leg;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegListener;
import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the first two events of a stream before the client gets any: whether the engine answers,
 * or gives up. On the exchange's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // it cannot fail
final class StreamProbe implements LegListener {

  private static final int EVENTS = 2;
  private static final int MAX_LOOKED_AT = 1 << 20; // bytes; what has no events by then has none
  private static final String DATA = "data:";

  private final Relay relay;
  private final CompletableFuture<Void> givenUp =
      new CompletableFuture<>(); // completed when the engine gave up
  private final StringBuilder seen = new StringBuilder(); // a character each byte
  private final List<HttpContent> held = new ArrayList<>();

  private @Nullable Leg leg;
  private @Nullable HttpResponse head;
  private int events; // that have ended
  private boolean isAfterLine; // the last line end was the end of a line that belongs to an event
  private boolean isAfterReturn; // the last character was one
  private boolean isDecided;
  private boolean isDiscarding;

  private StreamProbe(Relay relay) {
    this.relay = relay;
  }

  /**
   * Asks the decode server; false, with nothing sent to the client, when it gave up. Else returns
   * when the answer is over.
   */
  static boolean isAnswered(Legs legs, Call call, HttpHeaders headers, Target target)
      throws InterruptedException {
    Exchange exchange = call.exchange();
    StreamProbe probe = new StreamProbe(new Relay(exchange, ErrorAnswer::ofDecoder));
    LegRequest request = Legs.readable(Legs.request(call, headers, call.bytes()));
    CompletableFuture<Boolean> over =
        Legs.untilOver(
            exchange, () -> probe.follow(legs.begin(exchange, target, request, probe), exchange));
    probe.givenUp.thenRun(() -> over.complete(false));
    return Waiting.join(over);
  }

  private void follow(Leg followed, Exchange exchange) {
    leg = followed;
    Runnable cancel = followed::cancel;
    exchange.whenGone(cancel);
    followed.read();
  }

  @Override
  public void head(HttpResponse given) {
    head = given;
    if (given.status().code() < 200 || given.status().code() >= 300) {
      pass();
    }
  }

  private void pass() {
    if (isDecided || head == null || leg == null) {
      return;
    }
    isDecided = true;
    relay.follow(leg);
    relay.head(head);
    held.forEach(relay::part);
    held.clear();
    relay.pause();
  }

  @Override
  public void part(HttpContent part) {
    if (isDiscarding) {
      part.release();
    } else if (isDecided) {
      relay.part(part);
    } else {
      int before = seen.length();
      seen.append(part.content().toString(ISO_8859_1));
      for (int i = before; i < seen.length(); i++) {
        count(seen.charAt(i));
      }
      held.add(part);
    }
  }

  /** An empty line ends an event; lines end with CR, LF or both (WHATWG HTML, 9.2.5). */
  private void count(char next) {
    boolean isSecondOfTwo = next == '\n' && isAfterReturn;
    isAfterReturn = next == '\r';
    if (next != '\n' && next != '\r') {
      isAfterLine = false;
    } else if (!isSecondOfTwo) {
      events += isAfterLine ? 1 : 0;
      isAfterLine = !isAfterLine;
    }
  }

  @Override
  public void pause() {
    if (isDecided && !isDiscarding) {
      relay.pause();
      return;
    }
    if (!isDecided) {
      decide(false);
    }
    if ((!isDecided || isDiscarding) && leg != null) {
      leg.read();
    }
  }

  private void decide(boolean isAll) {
    if (!isAll && events < EVENTS && seen.length() < MAX_LOOKED_AT) {
      return;
    }
    if (isGivingUp()) {
      isDecided = true;
      isDiscarding = true;
      held.forEach(HttpContent::release);
      held.clear();
      givenUp.complete(null);
    } else {
      pass();
    }
  }

  private boolean isGivingUp() {
    return seen.toString().lines().anyMatch(StreamProbe::isGivingUp);
  }

  private static boolean isGivingUp(String line) {
    if (!line.startsWith(DATA)) {
      return false;
    }
    String utf8 =
        new String(line.substring(DATA.length()).getBytes(ISO_8859_1), StandardCharsets.UTF_8);
    try {
      return SharedStorageConnector.isBelowThreshold(
          JsonObject.parse(utf8.getBytes(StandardCharsets.UTF_8)));
    } catch (InvalidJsonException e) {
      return false;
    }
  }

  @Override
  public void end(LastHttpContent last) {
    if (!isDecided) {
      decide(true);
    }
    if (isDiscarding) {
      last.release();
    } else {
      relay.end(last);
    }
  }

  @Override
  public void failed(LegFailure failure) {
    held.forEach(HttpContent::release);
    held.clear();
    if (!isDiscarding) {
      isDecided = true;
      relay.failed(failure);
    }
  }
}
