package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.Outdated;
import ai.llmd.epp.domain.catalogue.Referring;
import ai.llmd.epp.domain.scheduling.Decider;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How {@link DisaggProfileHandler} divides requests. Two spellings are understood, but not mixed:
 * {@code profiles} and {@code deciders}, or the flat fields of earlier versions.
 *
 * @param stageOrder {@code decode-first} or {@code prefill-first}; case, {@code -} and {@code _} do
 *     not matter, and {@code decode} and {@code prefill} are enough
 * @param profiles names of the profiles; null in the flat spelling
 * @param deciders names of the deciders; null when there are none
 * @param decodeProfile deprecated: {@code profiles.decode}
 * @param prefillProfile deprecated: {@code profiles.prefill}
 * @param encodeProfile deprecated: {@code profiles.encode}
 * @param prefillDeciderPluginName deprecated: {@code deciders.prefill}
 * @param encodeDeciderPluginName deprecated: {@code deciders.encode}
 * @param deciderPluginName deprecated: {@code deciders.prefill}, when {@code
 *     prefillDeciderPluginName} is empty
 */
public record DisaggParameters(
    String stageOrder,
    @Nullable Profiles profiles,
    @Nullable Deciders deciders,
    @Nullable String decodeProfile,
    @Nullable String prefillProfile,
    @Nullable String encodeProfile,
    @Nullable String prefillDeciderPluginName,
    @Nullable String encodeDeciderPluginName,
    @Nullable String deciderPluginName)
    implements Referring, Outdated {

  /** Decodes first and divides nothing. */
  public static final DisaggParameters DEFAULT =
      new DisaggParameters("decode-first", null, null, null, null, null, null, null, null);

  /**
   * Names of the scheduling profiles of each stage.
   *
   * @param decode {@code decode} when null
   * @param prefill {@code prefill} when null
   * @param encode {@code encode} when null
   */
  public record Profiles(
      @Nullable String decode, @Nullable String prefill, @Nullable String encode) {}

  /**
   * Names of the deciders; a stage without one never runs, save the prefill of {@code
   * prefill-first}, which always does.
   *
   * @param prefill not with {@code prefill-first}
   * @param encode asked before a request is encoded elsewhere
   */
  public record Deciders(@Nullable String prefill, @Nullable String encode) {}

  public DisaggParameters {
    boolean isPrefillFirst = isPrefillFirst(stageOrder);
    if ((profiles != null || deciders != null)
        && (decodeProfile != null
            || prefillProfile != null
            || encodeProfile != null
            || prefillDeciderPluginName != null
            || encodeDeciderPluginName != null
            || deciderPluginName != null)) {
      throw new IllegalArgumentException(
          "profiles and deciders cannot be mixed with the deprecated fields decodeProfile,"
              + " prefillProfile, encodeProfile, prefillDeciderPluginName, encodeDeciderPluginName"
              + " and deciderPluginName");
    }
    boolean hasPrefillDecider =
        deciders != null
            ? isNamed(deciders.prefill())
            : isNamed(prefillDeciderPluginName) || isNamed(deciderPluginName);
    if (isPrefillFirst && hasPrefillDecider) {
      throw new IllegalArgumentException(
          "deciders.prefill must be empty with stageOrder prefill-first, which always prefills");
    }
  }

  private static boolean isPrefillFirst(String stageOrder) {
    return switch (stageOrder.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "")) {
      case "", "decode", "decodefirst" -> false;
      case "prefill", "prefillfirst" -> true;
      default ->
          throw new IllegalArgumentException(
              "stageOrder must be decode-first or prefill-first, was \"" + stageOrder + '"');
    };
  }

  boolean isPrefillFirst() {
    return isPrefillFirst(stageOrder);
  }

  String decodeStage() {
    return firstOf(profiles == null ? decodeProfile : profiles.decode(), "decode");
  }

  String prefillStage() {
    return firstOf(profiles == null ? prefillProfile : profiles.prefill(), "prefill");
  }

  String encodeStage() {
    return firstOf(profiles == null ? encodeProfile : profiles.encode(), "encode");
  }

  /** Empty when there is none. */
  String prefillDecider() {
    if (deciders != null) {
      return firstOf(deciders.prefill(), "");
    }
    return isNamed(prefillDeciderPluginName)
        ? firstOf(prefillDeciderPluginName, "")
        : firstOf(deciderPluginName, "");
  }

  /** Empty when there is none. */
  String encodeDecider() {
    return firstOf(deciders == null ? encodeDeciderPluginName : deciders.encode(), "");
  }

  @Override
  public List<Reference> references() {
    List<Reference> references = new ArrayList<>(2);
    boolean isNested = deciders != null;
    if (!prefillDecider().isEmpty()) {
      String flat =
          isNamed(prefillDeciderPluginName) ? "prefillDeciderPluginName" : "deciderPluginName";
      references.add(toDecider(isNested ? "deciders.prefill" : flat, prefillDecider()));
    }
    if (!encodeDecider().isEmpty()) {
      references.add(
          toDecider(isNested ? "deciders.encode" : "encodeDeciderPluginName", encodeDecider()));
    }
    return references;
  }

  static Reference toDecider(String field, String name) {
    return new Reference(field, name, Decider.class, "a decider");
  }

  @Override
  public List<String> deprecations() {
    List<String> deprecations = new ArrayList<>();
    note(deprecations, decodeProfile, "decodeProfile", "profiles.decode");
    note(deprecations, prefillProfile, "prefillProfile", "profiles.prefill");
    note(deprecations, encodeProfile, "encodeProfile", "profiles.encode");
    note(deprecations, prefillDeciderPluginName, "prefillDeciderPluginName", "deciders.prefill");
    note(deprecations, encodeDeciderPluginName, "encodeDeciderPluginName", "deciders.encode");
    note(deprecations, deciderPluginName, "deciderPluginName", "deciders.prefill");
    return deprecations;
  }

  private static void note(
      List<String> deprecations, @Nullable String value, String field, String replacement) {
    if (value != null) {
      deprecations.add("parameter " + field + " is deprecated, use " + replacement);
    }
  }

  private static boolean isNamed(@Nullable String name) {
    return name != null && !name.isEmpty();
  }

  private static String firstOf(@Nullable String value, String fallback) {
    return value == null ? fallback : value;
  }
}
