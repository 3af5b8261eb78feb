package ai.llmd.epp.sidecar.leg;

import ai.llmd.epp.sidecar.upstream.LegRequest;
import ai.llmd.epp.sidecar.upstream.Target;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The prefill leg of connectors that go on without waiting for it. */
@SuppressWarnings("FutureReturnValueIgnored") // the log has its failure
public final class Background {

  private static final Logger log = LoggerFactory.getLogger(Background.class);

  private final Legs legs;

  public Background(Legs legs) {
    this.legs = legs;
  }

  /** Its failure is a line in the log: the decode server notices for itself what it did not get. */
  public void prefill(Call call, Target target, LegRequest request) {
    legs.askInBackground(call, target, request)
        .whenComplete(
            (answer, failure) -> {
              if (failure != null || !answer.isSuccess()) {
                log.atWarn()
                    .addKeyValue("prefill", target)
                    .addKeyValue(
                        "reason",
                        failure == null ? "status " + answer.status() : failure.getMessage())
                    .log("prefill failed");
              }
            });
  }
}
