package ai.llmd.epp.sidecar.edge;

import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Writes answers; one to {@code HEAD} keeps its length and has no body. */
final class AnswerEncoder extends HttpResponseEncoder {

  private boolean isForHead;

  /** To be called before each answer. */
  void answerTo(boolean isHead) {
    this.isForHead = isHead;
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpResponse response) {
    return isForHead || super.isContentAlwaysEmpty(response);
  }
}
