package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.leg.RequestIds;
import ai.llmd.epp.sidecar.leg.Stages;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.LegStage;
import ai.llmd.epp.sidecar.upstream.Target;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What a call goes through: the encoders, the prefill server, the decode server. Any thread. */
public final class Connectors {

  private final KvConnector kv;
  private final Decoding decoding;
  private final Decoder decoder;
  private final CacheSource source;
  private final @Nullable EncodeStage encode; // null when there is none

  private Connectors(
      KvConnector kv,
      Decoding decoding,
      Decoder decoder,
      CacheSource source,
      @Nullable EncodeStage encode) {
    this.kv = kv;
    this.decoding = decoding;
    this.decoder = decoder;
    this.source = source;
    this.encode = encode;
  }

  /**
   * Makes those that are configured.
   *
   * @param stages how servers of other stages are reached
   * @param decoder the model server of this rank
   * @param listenPort the sidecar's own port of this rank
   * @param resolved hosts to numbers, for engines that write to another's memory
   * @param whenLocal gets the reason, a label, when a prompt is computed in the pod because its
   *     prefill server did not do its part
   */
  public static Connectors of(
      ConnectorSettings settings,
      Legs legs,
      Stages stages,
      Decoder decoder,
      int listenPort,
      UnaryOperator<String> resolved,
      Consumer<String> whenLocal) {
    RequestIds ids = new RequestIds();
    CacheSource source =
        new CacheSource(
            settings.p2pPort(),
            settings.firstListenPort(),
            settings.ranks(),
            new Target(settings.podIp(), listenPort, LegStage.DECODE, null).authority());
    ChunkedDecode chunked =
        settings.decodeChunkSize() > 0
            ? new ChunkedDecode(legs, decoder.target(), settings.decodeChunkSize())
            : null;
    Decoding decoding = new Decoding(decoder, chunked);
    LocalPrefill local = new LocalPrefill(settings.longestPrefill(), whenLocal);
    MoriRanks ranks = new MoriRanks(settings.mori(), resolved);
    KvConnector kv =
        switch (settings.kv()) {
          case NIXL_V2 ->
              settings.mori().isParallel()
                  ? new ParallelMoriConnector(
                      legs, stages, decoder, ids, source, ranks, settings.mori().longestWait())
                  : new NixlConnector(
                      legs,
                      stages,
                      decoding,
                      ids,
                      new NixlConnector.Retries(
                          settings.prefillRetries(), settings.prefillBackoff()),
                      local,
                      source,
                      ranks,
                      settings.mori().isWriting());
          case SHARED_STORAGE -> new SharedStorageConnector(legs, stages, decoder, local);
          case SGLANG -> new SglangConnector(legs, stages, decoder, settings.sglangBootstrapPort());
          case MOONCAKE ->
              new MooncakeConnector(
                  legs,
                  stages,
                  decoder,
                  new MooncakeEngines(legs, settings.mooncakeBootstrapPort()),
                  local);
          case OFFLOADING -> new OffloadingConnector(legs, stages, decoder, source);
        };
    EncodeStage encode =
        settings.ec() == ConnectorSettings.Ec.NONE
            ? null
            : new EncodeStage(legs, stages, ids, settings.ec() == ConnectorSettings.Ec.NIXL);
    return new Connectors(kv, decoding, decoder, source, encode);
  }

  /** Whether pictures are encoded elsewhere. */
  public boolean hasEncoders() {
    return encode != null;
  }

  /** Whether a call without a prefill server needs more than to be handed on. */
  public boolean isDecodeOfItsOwn(@Nullable String cacheSource, String path) {
    return cacheSource != null || decoding.isChunked(path);
  }

  /** Has the media encoded, and goes on. */
  public void encodeAndServe(Call call, List<String> encoders)
      throws CallFailure, LegFailure, InterruptedException {
    EncodeStage stage = encode;
    if (stage == null) {
      throw new IllegalStateException("no encode stage");
    }
    Call encoded = stage.encode(call, encoders);
    if (call.prefill() != null) {
      kv.serve(encoded == null ? call : encoded);
    } else if (encoded == null) {
      decodeOnly(call);
    } else {
      decoder.decodeWhereChosen(encoded, encoded.headers(), encoded.bytes(), head -> null);
    }
  }

  /** Has the prompt computed on the call's prefill server. */
  public void serve(Call call) throws CallFailure, LegFailure, InterruptedException {
    kv.serve(call);
  }

  /** Has the prompt computed here, with what another server has cached of it. */
  public void decodeOnly(Call call) throws CallFailure, LegFailure, InterruptedException {
    byte[] body = call.bytes();
    if (call.source() != null && !source.isSelf(call.source())) {
      body =
          call.body().edit().set("kv_transfer_params", source.forDecode(call.source())).toBytes();
    }
    decoding.decode(call, call.headers(), body, head -> null, -1);
  }
}
