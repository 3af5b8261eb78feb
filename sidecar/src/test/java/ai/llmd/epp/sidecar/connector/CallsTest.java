package ai.llmd.epp.sidecar.connector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.leg.Api;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.trace.CallTrace;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class CallsTest {

  private static void fail(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException(failure);
  }

  private static HttpResponse<String> answerAfter(Throwable failure) throws Exception {
    return HandledRequests.by(
        exchange ->
            Calls.run(
                new Call(
                    exchange,
                    new DefaultHttpHeaders(),
                    new byte[0],
                    Api.CHAT,
                    null,
                    null,
                    CallTrace.NONE),
                call -> fail(failure)));
  }

  @Test
  void anAnswerComesWhateverGoesWrong() throws Exception {
    for (Throwable failure :
        new Throwable[] {new RuntimeException("of a test"), new StackOverflowError("of a test")}) {
      HttpResponse<String> answer = answerAfter(failure);

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).contains("internal error").doesNotContain("of a test");
    }
  }
}
