package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiServerContactTest {

  @ParameterizedTest
  @CsvSource({
    "0, the API server does not answer",
    "401, the API server does not accept the picker's token or certificate",
    "403, the API server does not let the picker list pods",
    "429, the API server answers with an error",
    "500, the API server answers with an error"
  })
  void distinguishesSilenceFromAnAnswer(int status, String sentence) {
    assertThat(ApiServerContact.sentence(status)).isEqualTo(sentence);
  }

  @Test
  void asksForNewListsWhenTheServerIsBackOrHasGoneBackInTime() {
    Deque<String> versions = new ArrayDeque<>(List.of("5", "5", "9", "8", "8", "x", "", "7", "!"));
    var contact =
        new ApiServerContact(
            () -> {
              String version = versions.isEmpty() ? "8" : versions.remove();
              if (version.equals("!")) {
                throw new KubernetesClientException("away");
              }
              return version;
            },
            System::nanoTime);

    assertThat(contact.ask()).as("5").isFalse();
    assertThat(contact.ask()).as("5 again").isFalse();
    assertThat(contact.ask()).as("9").isFalse();
    assertThat(contact.ask()).as("8 after 9").isTrue();
    assertThat(contact.ask()).as("8 again").isFalse();
    assertThat(contact.ask()).as("no number").isFalse();
    assertThat(contact.ask()).as("none").isFalse();
    assertThat(contact.ask()).as("7 after 8").isTrue();
    assertThat(contact.ask()).as("away").isFalse();
    assertThat(contact.isReachable()).isFalse();
    assertThat(contact.ask()).as("back").isTrue();
  }
}
