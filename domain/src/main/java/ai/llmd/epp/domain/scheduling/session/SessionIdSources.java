package ai.llmd.epp.domain.scheduling.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.scheduling.session.SessionParameters.Source;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The places where a request may say which session it belongs to. Any thread. */
final class SessionIdSources {

  /** Longer ids are kept as their digest, so that clients do not decide how much memory we need. */
  private static final int MAX_LENGTH = 128;

  private final Place[] places;

  /** One of the two. */
  private record Place(@Nullable String header, @Nullable FactKey<String> attribute) {

    static Place of(Source source) {
      return source.header().isEmpty()
          ? new Place(null, RequestAttribute.key(source.attribute(), source.producer()))
          : new Place(source.header(), null);
    }

    @Nullable String valueIn(InferenceRequest request, Facts facts) {
      if (header != null) {
        return request.headers().value(header);
      }
      return attribute == null ? null : facts.get(attribute);
    }
  }

  SessionIdSources(List<Source> sources) {
    this.places = sources.stream().map(Place::of).toArray(Place[]::new);
  }

  /**
   * The id without white space around it, from the first place that has one; null when none has.
   */
  @Nullable String idOf(InferenceRequest request, Facts facts) {
    for (Place place : places) {
      String value = place.valueIn(request, facts);
      if (value != null && !value.isBlank()) {
        return bounded(value.strip());
      }
    }
    return null;
  }

  /** The attributes among the places. */
  Set<FactKey<?>> keys() {
    return Stream.of(places)
        .map(Place::attribute)
        .filter(Objects::nonNull)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static String bounded(String id) {
    return id.length() <= MAX_LENGTH ? id : digest(id);
  }

  private static String digest(String id) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(UTF_8));
      return "sha256:" + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
