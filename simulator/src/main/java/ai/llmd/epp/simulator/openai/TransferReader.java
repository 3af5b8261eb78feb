package ai.llmd.epp.simulator.openai;

import ai.llmd.epp.simulator.openai.TransferParameters.Peer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads {@code kv_transfer_params} and the bootstrap fields of a body; unknown fields are skipped.
 */
final class TransferReader {

  private static final int MAX_PORT = 65_535;

  private boolean isRemoteDecode;
  private boolean isRemotePrefill;
  private @Nullable String engineId;
  private @Nullable String requestId;
  private int blocks = -1;
  private @Nullable String host;
  private int port;
  private @Nullable String transferId;
  private @Nullable String bootstrapAddress;
  private @Nullable Peer decoder;
  private @Nullable Peer prefiller;
  private @Nullable Peer source;
  private @Nullable String roomHost;
  private int roomPort;
  private @Nullable String room;

  /** The value of {@code kv_transfer_params}. */
  void readParameters(JsonParser parser) {
    Fields.each(parser, "kv_transfer_params", field -> readField(field, parser));
  }

  private void readField(String field, JsonParser parser) {
    switch (field) {
      case "do_remote_decode" -> isRemoteDecode = Fields.flag(parser, field);
      case "do_remote_prefill" -> isRemotePrefill = Fields.flag(parser, field);
      case "remote_engine_id" -> engineId = Fields.text(parser, field);
      case "remote_request_id" -> requestId = Fields.text(parser, field);
      case "remote_block_ids" -> blocks = count(parser, field);
      case "remote_host" -> host = Fields.text(parser, field);
      case "remote_port" -> port = port(parser, field);
      case "transfer_id" -> transferId = Fields.text(parser, field);
      case "remote_bootstrap_addr" -> bootstrapAddress = Fields.text(parser, field);
      case "remote_decoder" -> decoder = peer(parser, field);
      case "remote_prefiller" -> prefiller = peer(parser, field);
      case "remote_kv_source" -> source = peer(parser, field);
      default -> parser.skipChildren();
    }
  }

  /** Whether it was one of the body's own fields, which SGLang reads. */
  boolean readBootstrap(String field, JsonParser parser) {
    switch (field) {
      case "bootstrap_host" -> roomHost = Fields.text(parser, field);
      case "bootstrap_port" -> roomPort = port(parser, field);
      case "bootstrap_room" -> {
        Fields.require(
            parser.currentToken() == JsonToken.VALUE_NUMBER_INT, field, "a whole number");
        room = parser.getString();
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  TransferParameters read() {
    return new TransferParameters(
        isRemoteDecode,
        isRemotePrefill,
        engineId,
        requestId,
        blocks,
        host,
        port,
        transferId,
        bootstrapAddress,
        decoder,
        prefiller,
        source,
        room == null ? null : new Peer(room, roomHost, roomPort));
  }

  private static int count(JsonParser parser, String field) {
    Fields.require(parser.currentToken() == JsonToken.START_ARRAY, field, "an array");
    int elements = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      elements++;
    }
    return elements;
  }

  private static int port(JsonParser parser, String field) {
    int port = Fields.integer(parser, field);
    Fields.require(port >= 0 && port <= MAX_PORT, field, "a port");
    return port;
  }

  private static Peer peer(JsonParser parser, String field) {
    PeerFields fields = new PeerFields();
    Fields.each(parser, field, name -> fields.read(name, parser));
    Fields.require(!fields.id.isEmpty(), field + ".kv_request_id", "a string");
    return new Peer(fields.id, fields.host, fields.port);
  }

  private static final class PeerFields {
    private String id = "";
    private @Nullable String host;
    private int port;

    void read(String name, JsonParser parser) {
      switch (name) {
        case "kv_request_id" -> id = Fields.text(parser, name);
        case "remote_host" -> host = Fields.text(parser, name);
        case "remote_port" -> port = TransferReader.port(parser, name);
        default -> parser.skipChildren();
      }
    }
  }
}
