package ai.llmd.epp.application.producer;

import static ai.llmd.epp.application.producer.Requests.cycle;
import static ai.llmd.epp.application.producer.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.application.producer.SessionIdProducer.Parameters;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionIdProducerTest {

  private static final String NAME = "session-id-producer";

  @Test
  void readsAHeaderWhateverItsCase() {
    assertThat(session(" X-Session ", "", Map.of("x-session", "\t abc "))).isEqualTo("abc");
  }

  @Test
  void producesNothingWithoutAValue() {
    assertThat(session("x-session", "", Map.of())).isNull();
    assertThat(session("x-session", "", Map.of("x-session", "  "))).isNull();
    assertThat(session("", "sid", Map.of("sid", "a header is no cookie"))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "sid=abc | abc",
        "a=1; sid=abc; b=2 | abc",
        "\" ;; sid= abc ;\" | abc",
        "sid=a=b | a=b",
        "sid=first; sid=second | first",
        "SID=upper; sid=lower | lower",
        "xsid=1; sid=2 | 2",
        "sidx=1; sid=2 | 2",
        "sid; sid=2 | 2"
      })
  void readsTheFirstCookieOfItsName(String cookies, String expected) {
    assertThat(session("", " sid ", Map.of("cookie", cookies))).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sid", "sid=", "sid= ; sid=later", "other=1", "SID=1", ";;;"})
  void findsNoSessionInOtherCookies(String cookies) {
    assertThat(session("", "sid", Map.of("cookie", cookies))).isNull();
  }

  @Test
  void putsTheFactUnderItsOwnName() {
    var producer = new SessionIdProducer("mine", new Parameters("x-session", ""));
    SchedulingCycle cycle = cycleOf(Map.of("x-session", "abc"));
    producer.produce(cycle);
    assertThat(producer.produces())
        .containsExactly(RequestAttribute.key("SessionIDDataKey", "mine"));
    assertThat(cycle.facts().get(RequestAttribute.key("SessionIDDataKey", "mine")))
        .isEqualTo("abc");
    assertThat(cycle.facts().get(RequestAttribute.SESSION_ID)).isNull();
  }

  @Test
  void wantsExactlyOnePlaceToLook() {
    for (Parameters wrong :
        new Parameters[] {
          new Parameters("", ""), new Parameters(" ", "\t"), new Parameters("x-session", "sid")
        }) {
      assertThatThrownBy(() -> new SessionIdProducer(NAME, wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("headerName")
          .hasMessageContaining("cookieName");
    }
  }

  private static @Nullable String session(
      String headerName, String cookieName, Map<String, String> headers) {
    SchedulingCycle cycle = cycleOf(headers);
    new SessionIdProducer(NAME, new Parameters(headerName, cookieName)).produce(cycle);
    return cycle.facts().get(RequestAttribute.SESSION_ID);
  }

  private static SchedulingCycle cycleOf(Map<String, String> headers) {
    return cycle(
        Requests.request("m", "", -1, ApiKind.CHAT_COMPLETIONS, headers::get, text("prompt")));
  }
}
