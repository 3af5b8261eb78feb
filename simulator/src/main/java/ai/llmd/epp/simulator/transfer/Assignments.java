package ai.llmd.epp.simulator.transfer;

import ai.llmd.epp.simulator.openai.InvalidRequestException;
import ai.llmd.epp.simulator.openai.TransferParameters;
import ai.llmd.epp.simulator.openai.TransferParameters.Peer;
import ai.llmd.epp.simulator.settings.KvTransfer;
import org.jspecify.annotations.Nullable;

/** Reads what a request has the server do, and refuses parameters that no engine could follow. */
final class Assignments {

  private static final Assignment NONE = new Assignment.None();
  private static final String PARAMETERS = "kv_transfer_params";

  private Assignments() {}

  /**
   * Reads it.
   *
   * @throws InvalidRequestException when a parameter is missing, or contradicts another one or the
   *     server's role
   */
  static Assignment of(KvTransfer settings, TransferParameters given) {
    if (given.isRemoteDecode() && given.isRemotePrefill()) {
      throw new InvalidRequestException(
          PARAMETERS + " must not have both do_remote_decode and do_remote_prefill.");
    }
    Assignment assignment =
        switch (settings.connector()) {
          case NIXL -> nixl(given);
          case MOONCAKE -> mooncake(given);
          case OFFLOADING -> offloading(given);
          case SGLANG -> sglang(settings, given);
        };
    boolean isAllowed =
        switch (assignment) {
          case Assignment.None none -> true;
          case Assignment.Produce produce -> settings.isProducer();
          case Assignment.Consume consume -> settings.isConsumer();
        };
    if (!isAllowed) {
      throw new InvalidRequestException(
          PARAMETERS
              + " do not fit this server, which is a KV "
              + (settings.isProducer() ? "producer." : "consumer."));
    }
    return assignment;
  }

  /** A transfer id takes the place of the request id where both servers are asked at once. */
  private static Assignment nixl(TransferParameters given) {
    if (given.isRemoteDecode()) {
      return new Assignment.Produce(given.transferId() == null ? "" : given.transferId());
    }
    if (!given.isRemotePrefill()) {
      return NONE;
    }
    if (given.blocks() < 0) {
      throw missing("remote_block_ids");
    }
    String key = given.transferId() == null ? given.requestId() : given.transferId();
    return new Assignment.Consume(
        server(given.host(), given.port()),
        required(key, "remote_request_id"),
        given.transferId() == null ? required(given.engineId(), "remote_engine_id") : "",
        given.transferId() == null ? given.blocks() : -1);
  }

  private static Assignment mooncake(TransferParameters given) {
    if (!given.isRemoteDecode() && !given.isRemotePrefill()) {
      return NONE;
    }
    String key = required(given.transferId(), "transfer_id");
    if (given.isRemoteDecode()) {
      return new Assignment.Produce(key);
    }
    String bootstrap = required(given.bootstrapAddress(), "remote_bootstrap_addr");
    if (!bootstrap.startsWith("http://")) {
      throw new InvalidRequestException(
          PARAMETERS + ".remote_bootstrap_addr must begin with http://.");
    }
    return new Assignment.Consume(
        bootstrap.substring("http://".length()),
        key,
        required(given.engineId(), "remote_engine_id"),
        -1);
  }

  private static Assignment offloading(TransferParameters given) {
    Peer prefiller = given.prefiller();
    if (prefiller != null) {
      return new Assignment.Consume(
          server(prefiller.host(), prefiller.port()), prefiller.id(), "", -1);
    }
    Peer decoder = given.decoder();
    return decoder == null ? NONE : new Assignment.Produce(decoder.id());
  }

  private static Assignment sglang(KvTransfer settings, TransferParameters given) {
    Peer room = given.room();
    if (room == null) {
      return NONE;
    }
    return settings.isProducer()
        ? new Assignment.Produce(room.id())
        : new Assignment.Consume(
            authority(required(room.host(), "bootstrap_host"), port(room.port(), "bootstrap_port")),
            room.id(),
            "",
            -1);
  }

  private static String server(@Nullable String host, int port) {
    return authority(required(host, "remote_host"), port(port, "remote_port"));
  }

  private static String authority(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static int port(int port, String field) {
    if (port == 0) {
      throw missing(field);
    }
    return port;
  }

  private static String required(@Nullable String value, String field) {
    if (value == null || value.isEmpty()) {
      throw missing(field);
    }
    return value;
  }

  private static InvalidRequestException missing(String field) {
    return new InvalidRequestException("The KV transfer needs " + field + ".");
  }
}
