package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.leg.Background;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.RequestIds;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.Target;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Both at once, after the prefill server's bootstrap port has told the ids of its engines. */
final class MooncakeConnector implements KvConnector {

  private static final String TRANSFER = "kv_transfer_params";
  private static final String RANK_HEADER = "X-data-parallel-rank";

  private final Stages stages;
  private final Decoder decoder;
  private final Background background;
  private final MooncakeEngines engines;
  private final LocalPrefill local;

  MooncakeConnector(
      Legs legs, Stages stages, Decoder decoder, MooncakeEngines engines, LocalPrefill local) {
    this.stages = stages;
    this.decoder = decoder;
    this.background = new Background(legs);
    this.engines = engines;
    this.local = local;
  }

  @Override
  public void serve(Call call) throws CallFailure, LegFailure, InterruptedException {
    JsonObject body = call.body("");
    Target prefiller = stages.prefiller(call.prefiller());
    LocalPrefill.Budget budget = local.begin();
    List<MooncakeEngines.Engine> known;
    try {
      known = engines.of(call, prefiller, budget);
    } catch (CallFailure failure) {
      if (!budget.isLocal()) {
        throw failure;
      }
      decoder.decode(call, call.headers(), call.bytes());
      return;
    }
    MooncakeEngines.Engine engine = known.get(ThreadLocalRandom.current().nextInt(known.size()));
    String transfer = "xfer-" + RequestIds.random();
    JsonEdit forPrefill =
        JsonObject.empty()
            .edit()
            .set("do_remote_prefill", false)
            .set("do_remote_decode", true)
            .set("transfer_id", transfer);
    background.prefill(
        call,
        prefiller,
        Legs.request(
            call,
            call.headers().copy().set(RANK_HEADER, engine.rank()),
            Priming.of(body).set(TRANSFER, forPrefill).toBytes()));
    JsonEdit forDecode =
        JsonObject.empty()
            .edit()
            .set("do_remote_prefill", true)
            .set("do_remote_decode", false)
            .set("transfer_id", transfer)
            .set("remote_bootstrap_addr", "http://" + engines.bootstrapOf(prefiller).authority())
            .set("remote_engine_id", engine.id());
    decoder.decode(call, call.headers(), body.edit().set(TRANSFER, forDecode).toBytes());
  }
}
