package ai.llmd.epp.simulator.openai;

import org.jspecify.annotations.Nullable;

/**
 * What a request tells about KV blocks that one server computes and another one uses, as it stands
 * in the body. Which of it counts depends on the server's connector.
 *
 * @param isRemoteDecode {@code kv_transfer_params.do_remote_decode}: prefill here, decode elsewhere
 * @param isRemotePrefill {@code kv_transfer_params.do_remote_prefill}: prefilled elsewhere
 * @param engineId {@code remote_engine_id}
 * @param requestId {@code remote_request_id}: under which the other server keeps the blocks
 * @param blocks length of {@code remote_block_ids}; -1 when absent
 * @param host {@code remote_host}
 * @param port {@code remote_port}; 0 when absent
 * @param transferId {@code transfer_id}
 * @param bootstrapAddress {@code remote_bootstrap_addr}
 * @param decoder {@code remote_decoder}: who will fetch the blocks
 * @param prefiller {@code remote_prefiller}: from whom to fetch them
 * @param source {@code remote_kv_source}: who has more of the prompt cached
 * @param room {@code bootstrap_host}, {@code bootstrap_port} and {@code bootstrap_room} of the body
 *     itself
 */
public record TransferParameters(
    boolean isRemoteDecode,
    boolean isRemotePrefill,
    @Nullable String engineId,
    @Nullable String requestId,
    int blocks,
    @Nullable String host,
    int port,
    @Nullable String transferId,
    @Nullable String bootstrapAddress,
    @Nullable Peer decoder,
    @Nullable Peer prefiller,
    @Nullable Peer source,
    @Nullable Peer room) {

  /**
   * Another server, and the name under which both know the blocks.
   *
   * @param id {@code kv_request_id}, or the bootstrap room
   * @param host null when absent
   * @param port 0 when absent
   */
  public record Peer(String id, @Nullable String host, int port) {}
}
