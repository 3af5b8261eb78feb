package ai.llmd.epp.adapter.extproc.message;

import ai.llmd.epp.application.port.out.RequestTrace;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;

/**
 * Writes {@code HeaderMutation.set_headers}: each replaces any header of its name. Written
 * backwards, so that the last header is added first.
 */
public record HeadersToSet(MessageBytes message) implements RequestTrace.Headers {

  public void add(String name, byte[] value, int offset, int length) {
    int mark = message.written();
    message.bytes(HeaderValue.RAW_VALUE_FIELD_NUMBER, value, offset, length);
    finish(name, mark);
  }

  @Override
  public void add(String name, String value) {
    int mark = message.written();
    message.text(HeaderValue.RAW_VALUE_FIELD_NUMBER, value);
    finish(name, mark);
  }

  @Override
  public void add(String name, byte[] ascii) {
    add(name, ascii, 0, ascii.length);
  }

  /** Has a header of the client taken away; {@code HeaderMutation.remove_headers}. */
  public void remove(String name) {
    message.text(HeaderMutation.REMOVE_HEADERS_FIELD_NUMBER, name);
  }

  private void finish(String name, int mark) {
    message
        .text(HeaderValue.KEY_FIELD_NUMBER, name)
        .enclose(HeaderValueOption.HEADER_FIELD_NUMBER, mark)
        .enclose(HeaderMutation.SET_HEADERS_FIELD_NUMBER, mark);
  }
}
