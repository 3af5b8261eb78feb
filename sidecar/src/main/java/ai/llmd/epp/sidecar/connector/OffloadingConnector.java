package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Background;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.HostPort;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.RequestIds;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.upstream.Target;

/** Both at once: the engines' peer-to-peer tiers meet under an id that both are told. */
final class OffloadingConnector implements KvConnector {

  private static final String TRANSFER = "kv_transfer_params";
  private static final String ID = "kv_request_id";

  private final Stages stages;
  private final Decoder decoder;
  private final Background background;
  private final CacheSource source;

  OffloadingConnector(Legs legs, Stages stages, Decoder decoder, CacheSource source) {
    this.stages = stages;
    this.decoder = decoder;
    this.background = new Background(legs);
    this.source = source;
  }

  @Override
  public void serve(Call call) throws CallFailure, InterruptedException {
    JsonObject body = call.body("");
    Target target = stages.prefiller(call.prefiller());
    String id = RequestIds.random();
    JsonEdit forPrefill =
        JsonObject.empty().edit().set("remote_decoder", JsonObject.empty().edit().set(ID, id));
    source.addTo(forPrefill, call);
    background.prefill(
        call,
        target,
        Legs.request(call, call.headers(), Priming.of(body).set(TRANSFER, forPrefill).toBytes()));
    JsonEdit prefiller =
        JsonObject.empty()
            .edit()
            .set(ID, id)
            .set("remote_host", HostPort.host(call.prefiller()))
            .set("remote_port", source.portOf(call.prefiller()));
    decoder.decode(
        call,
        call.headers(),
        body.edit()
            .set(TRANSFER, JsonObject.empty().edit().set("remote_prefiller", prefiller))
            .toBytes());
  }
}
