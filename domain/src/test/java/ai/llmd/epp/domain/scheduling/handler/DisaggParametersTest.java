package ai.llmd.epp.domain.scheduling.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ai.llmd.epp.domain.catalogue.Referring.Reference;
import ai.llmd.epp.domain.scheduling.handler.DisaggParameters.Deciders;
import ai.llmd.epp.domain.scheduling.handler.DisaggParameters.Profiles;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DisaggParametersTest {

  private static DisaggParameters nested(
      String order, @Nullable Profiles profiles, @Nullable Deciders deciders) {
    return new DisaggParameters(order, profiles, deciders, null, null, null, null, null, null);
  }

  private static DisaggParameters flat(
      @Nullable String prefillDecider, @Nullable String encodeDecider, @Nullable String decider) {
    return new DisaggParameters(
        "", null, null, "d1", null, "e1", prefillDecider, encodeDecider, decider);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "decode", "decode-first", "DecodeFirst", "decode_first", "-DECODE-"})
  void decodeComesFirst(String order) {
    assertThat(nested(order, null, null).isPrefillFirst()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"prefill", "prefill-first", "PrefillFirst", "PREFILL_FIRST"})
  void prefillComesFirst(String order) {
    assertThat(nested(order, null, null).isPrefillFirst()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sideways", "prefill first", "first"})
  void otherOrdersAreRefused(String order) {
    assertThatThrownBy(() -> nested(order, null, null))
        .hasMessage("stageOrder must be decode-first or prefill-first, was \"" + order + '"');
  }

  @Test
  void stagesThatAreNotNamedHaveTheirUsualNames() {
    DisaggParameters parameters = nested("", new Profiles("d1", null, null), null);
    assertThat(parameters.decodeStage()).isEqualTo("d1");
    assertThat(parameters.prefillStage()).isEqualTo("prefill");
    assertThat(parameters.encodeStage()).isEqualTo("encode");
    assertThat(parameters.references()).isEmpty();
    assertThat(parameters.deprecations()).isEmpty();
  }

  @Test
  void decidersAreReferredTo() {
    DisaggParameters parameters = nested("", null, new Deciders("p", "e"));
    assertThat(parameters.references())
        .extracting(Reference::field, Reference::name)
        .containsExactly(tuple("deciders.prefill", "p"), tuple("deciders.encode", "e"));
  }

  @Test
  void theFlatSpellingIsUnderstoodAndDeprecated() {
    DisaggParameters parameters = flat("", "e", "p");
    assertThat(parameters.decodeStage()).isEqualTo("d1");
    assertThat(parameters.prefillStage()).isEqualTo("prefill");
    assertThat(parameters.encodeStage()).isEqualTo("e1");
    assertThat(parameters.references())
        .extracting(Reference::field, Reference::name)
        .containsExactly(tuple("deciderPluginName", "p"), tuple("encodeDeciderPluginName", "e"));
    assertThat(parameters.deprecations())
        .hasSize(5)
        .contains("parameter decodeProfile is deprecated, use profiles.decode");
  }

  @Test
  void ofTwoFlatDecidersTheNewerFieldCounts() {
    assertThat(flat("newer", null, "older").prefillDecider()).isEqualTo("newer");
  }

  @Test
  void bothSpellingsCannotBeMixed() {
    assertThatThrownBy(
            () ->
                new DisaggParameters(
                    "", null, new Deciders(null, null), "d", null, null, null, null, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot be mixed");
  }

  @Test
  void prefillFirstTakesNoPrefillDecider() {
    assertThatThrownBy(() -> nested("prefill-first", null, new Deciders("p", null)))
        .hasMessageContaining("deciders.prefill must be empty");
    assertThatThrownBy(
            () -> new DisaggParameters("prefill", null, null, null, null, null, null, null, "p"))
        .hasMessageContaining("deciders.prefill must be empty");
    assertThat(nested("prefill-first", null, new Deciders("", "e")).references()).hasSize(1);
  }
}
