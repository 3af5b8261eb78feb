package ai.llmd.epp.simulator.openai;

import tools.jackson.core.JsonGenerator;

/**
 * {@code kv_transfer_params} of an answer: where another server fetches the prompt's blocks, as
 * vLLM's NIXL connector writes it.
 *
 * @param engineId of this server
 * @param requestId under which the blocks are kept
 * @param firstBlock number of the first one
 * @param blocks how many there are
 * @param host by which others reach this server
 */
public record TransferAnswer(
    String engineId, String requestId, int firstBlock, int blocks, String host, int port) {

  /** Adds the field to an object. */
  public void write(JsonGenerator json) {
    json.writeObjectPropertyStart("kv_transfer_params");
    json.writeBooleanProperty("do_remote_decode", false);
    json.writeBooleanProperty("do_remote_prefill", true);
    json.writeStringProperty("remote_engine_id", engineId);
    json.writeStringProperty("remote_request_id", requestId);
    json.writeArrayPropertyStart("remote_block_ids");
    for (int block = 0; block < blocks; block++) {
      json.writeNumber(firstBlock + block);
    }
    json.writeEndArray();
    json.writeStringProperty("remote_host", host);
    json.writeNumberProperty("remote_port", port);
    json.writeNumberProperty("tp_size", 1);
    json.writeEndObject();
  }
}
