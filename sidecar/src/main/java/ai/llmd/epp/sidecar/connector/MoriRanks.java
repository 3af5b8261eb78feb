package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.body.JsonText;
import ai.llmd.epp.sidecar.leg.HostPort;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.jspecify.annotations.Nullable;

/**
 * What engines are told that write their blocks to another's memory (MoRI-IO): to whom, through
 * which ports, and which rank takes part on either side.
 */
final class MoriRanks {

  private static final String RANK_HEADER = "x-data-parallel-rank";
  private static final String RANK = "remote_dp_rank";

  private final MoriSettings settings;
  private final UnaryOperator<String> resolved; // hosts to numbers

  MoriRanks(MoriSettings settings, UnaryOperator<String> resolved) {
    this.settings = settings;
    this.resolved = resolved;
  }

  /**
   * What belongs to one call.
   *
   * @param rank that computes the prompt
   */
  record Dispatch(String transferId, int rank) {}

  /**
   * What the decode server gets.
   *
   * @param transfer the parameters; null for those of the prefill server as they are
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Decode(byte @Nullable [] transfer, int rank) {}

  Dispatch dispatch(String requestId) {
    return new Dispatch("tx" + requestId, rankOf(requestId));
  }

  /** BLAKE2s-256 of the id: its first 8 bytes, big-endian and unsigned, modulo the ranks. */
  int rankOf(String requestId) {
    if (settings.ranks() <= 1) {
      return 0;
    }
    Blake2sDigest digest = new Blake2sDigest(256);
    byte[] id = requestId.getBytes(UTF_8);
    digest.update(id, 0, id.length);
    byte[] hash = new byte[32];
    digest.doFinal(hash, 0);
    return (int) Long.remainderUnsigned(ByteBuffer.wrap(hash).getLong(), settings.ranks());
  }

  HttpHeaders withRank(HttpHeaders headers, int rank) {
    return settings.ranks() > 1 ? headers.copy().set(RANK_HEADER, Integer.toString(rank)) : headers;
  }

  /** Tells the prefill server whom to write to. */
  void addForPrefill(JsonEdit transfer, Dispatch dispatch) {
    transfer
        .set("remote_host", resolved.apply(settings.localHost()))
        .set("remote_notify_port", settings.decodeNotifyPort())
        .set(RANK, dispatch.rank())
        .set("remote_dp_rank_override", true)
        .set("remote_handshake_port", settings.decodeHandshakePort())
        .set("transfer_id", dispatch.transferId())
        .set("tp_size", settings.tensorParallelSize())
        .set("remote_dp_size", settings.ranks());
    addHosts(transfer, settings.decodeHosts());
  }

  private void addHosts(JsonEdit transfer, List<String> hosts) {
    if (hosts.isEmpty()) {
      return;
    }
    transfer.setStrings("remote_hosts", hosts.stream().map(resolved).toList());
    if (settings.localRanks() > 0) {
      transfer.set("remote_dp_size_local", settings.localRanks());
    }
  }

  /** Adds what the prefill server did not say to what it said. */
  Decode forDecode(@Nullable JsonObject given, Dispatch dispatch) {
    if (given == null) {
      return new Decode(null, dispatch.rank());
    }
    int rank = rank(given, dispatch);
    JsonEdit transfer =
        given
            .edit()
            .set(RANK, rank)
            .set("remote_dp_rank_override", true)
            .setIfAbsent("transfer_id", JsonText.string(dispatch.transferId()))
            .setIfAbsent("remote_notify_port", JsonText.number(settings.decodeNotifyPort()))
            .setIfAbsent("remote_handshake_port", JsonText.number(settings.decodeHandshakePort()))
            .setIfAbsent("remote_dp_size", JsonText.number(settings.ranks()));
    if (!settings.prefillHosts().isEmpty()) {
      if (!given.has("remote_hosts")) {
        transfer.setStrings(
            "remote_hosts", settings.prefillHosts().stream().map(resolved).toList());
      }
      if (settings.localRanks() > 0) {
        transfer.setIfAbsent("remote_dp_size_local", JsonText.number(settings.localRanks()));
      }
    }
    return new Decode(transfer.toBytes(), rank);
  }

  private int rank(JsonObject given, Dispatch dispatch) {
    long told = given.kind(RANK) == JsonKind.NUMBER ? given.number(RANK, -1) : -1;
    return told >= 0 && told < Math.max(1, settings.ranks()) ? (int) told : dispatch.rank();
  }

  /** What the decode server gets when it is asked together with the prefill server. */
  JsonEdit forParallelDecode(String prefiller, Dispatch dispatch) {
    String host = HostPort.host(prefiller);
    JsonEdit transfer =
        JsonObject.empty()
            .edit()
            .set("do_remote_prefill", true)
            .set("do_remote_decode", false)
            .set("remote_engine_id", host + ":" + settings.prefillHandshakePort())
            .setStrings("remote_block_ids", List.of())
            .set("remote_host", host)
            .set("remote_port", settings.prefillHandshakePort())
            .set("remote_notify_port", settings.prefillNotifyPort())
            .set(RANK, dispatch.rank())
            .set("remote_dp_rank_override", true)
            .set("remote_handshake_port", settings.prefillHandshakePort())
            .set("transfer_id", dispatch.transferId())
            .set("tp_size", settings.tensorParallelSize())
            .set("remote_dp_size", settings.ranks());
    addHosts(transfer, settings.prefillHosts());
    return transfer;
  }
}
