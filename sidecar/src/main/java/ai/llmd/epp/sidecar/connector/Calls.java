package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs calls, each on a thread of its own. */
public final class Calls {

  private static final Logger log = LoggerFactory.getLogger(Calls.class);

  /** What answers a call; it may wait. */
  public interface Work {

    /** As {@link KvConnector#serve} does. */
    void run(Call call) throws CallFailure, LegFailure, InterruptedException;
  }

  private Calls() {}

  /** Begins; every way that it ends leaves the exchange over. */
  public static void run(Call call, Work work) {
    Thread.ofVirtual().name("call").start(() -> answered(call, work));
  }

  private static void answered(Call call, Work work) {
    Exchange exchange = call.exchange();
    try {
      work.run(call);
    } catch (CallFailure failure) {
      answer(exchange, failure.answer());
    } catch (LegFailure given) {
      // the client has gone, and with it all legs; where it has not, it must not wait
      exchange.loop().execute(exchange::breakOff);
    } catch (InterruptedException e) {
      exchange.loop().execute(exchange::breakOff);
    } catch (RuntimeException | Error e) { // no client waits for ever, whatever it was
      log.atError().setCause(e).log("call failed");
      answer(exchange, ErrorAnswer.internal("internal error"));
    }
  }

  private static void answer(Exchange exchange, ErrorAnswer error) {
    exchange.loop().execute(() -> error.to(exchange));
  }
}
