package ai.llmd.epp.adapter.extproc.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatBodyTest {

  private final Random random = new Random(3);

  @ParameterizedTest
  @ValueSource(ints = {100, 2_600, 40_000})
  void isAChatOfThisSizeEachTime(int bytes) throws Exception {
    ChatBody body = ChatBody.of(bytes, true);
    for (int i = 0; i < 100; i++) {
      HttpBody sent = ProcessingRequest.parseFrom(body.next(random)).getRequestBody();
      JsonNode chat = JsonMapper.shared().readTree(sent.getBody().toByteArray());

      assertThat(sent.getEndOfStream()).isTrue();
      assertThat(sent.getBody().size()).isBetween(bytes, bytes + 200);
      assertThat(chat.at("/stream").booleanValue()).isTrue();
      assertThat(chat.at("/messages/0/content").stringValue())
          .matches("You help in the house of customer [0-7]\\. (?s).* [0-9 ]*");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2_600, 40_000})
  void sharesItsBeginningWithTheOthersOfItsCustomer(int bytes) throws Exception {
    ChatBody body = ChatBody.of(bytes, false);
    String first = prompt(body);
    String other = prompt(body);
    while (customer(other) != customer(first)) {
      other = prompt(body);
    }

    int shared = first.length() - bytes / 10;
    assertThat(other.substring(0, shared)).isEqualTo(first.substring(0, shared));
    assertThat(other.substring(shared)).isNotEqualTo(first.substring(shared));
  }

  private String prompt(ChatBody body) throws Exception {
    byte[] sent =
        ProcessingRequest.parseFrom(body.next(random)).getRequestBody().getBody().toByteArray();
    return JsonMapper.shared().readTree(sent).at("/messages/0/content").stringValue();
  }

  private static char customer(String prompt) {
    return prompt.charAt("You help in the house of customer ".length());
  }
}
