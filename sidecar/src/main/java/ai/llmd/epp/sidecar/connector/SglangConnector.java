package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.leg.Background;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.HostPort;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.upstream.Target;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** Both at once with the same body, which names the room where the two engines meet. */
final class SglangConnector implements KvConnector {

  private static final int ROOMS_AT_ONCE = 1000;

  private final Stages stages;
  private final Decoder decoder;
  private final Background background;
  private final int bootstrapPort;

  SglangConnector(Legs legs, Stages stages, Decoder decoder, int bootstrapPort) {
    this.stages = stages;
    this.decoder = decoder;
    this.background = new Background(legs);
    this.bootstrapPort = bootstrapPort;
  }

  @Override
  public void serve(Call call) throws CallFailure, InterruptedException {
    byte[] body =
        call.body("failed to parse request body: ")
            .edit()
            .set("bootstrap_host", HostPort.host(call.prefiller()))
            .set("bootstrap_port", bootstrapPort)
            .set("bootstrap_room", room())
            .toBytes();
    Target target = stages.prefiller(call.prefiller());
    background.prefill(call, target, Legs.request(call, call.headers(), body));
    decoder.decode(call, call.headers(), body);
  }

  /** Nanoseconds since 1970, and a little more so that two of one instant differ. */
  private static long room() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000
        + now.getNano()
        + ThreadLocalRandom.current().nextInt(ROOMS_AT_ONCE);
  }
}
