package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.AdminPage;
import ai.llmd.epp.adapter.admin.PageHeaders;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.application.port.out.AccessReview.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the token of a page's reader, and has it reviewed. */
final class ReaderCheck {

  private static final String BEARER = "bearer";

  /** What a browser can send: any user's name, and the token for a password. */
  private static final String BASIC = "basic";

  private static final AdminPage.Answer UNAUTHORIZED = refused(401, "Unauthorized");

  /** Has a browser ask its user. */
  private static final AdminPage.Answer SIGN_IN =
      new AdminPage.Answer(
          UNAUTHORIZED.status(),
          Map.of(
              "Content-Type",
              "text/plain; charset=utf-8",
              "WWW-Authenticate",
              "Basic realm=\"endpoint picker: any name, and a token for a password\","
                  + " charset=\"UTF-8\""),
          UNAUTHORIZED.body());

  private static final int MAX_TOKEN_LENGTH = 16 << 10; // characters; real ones have one or two Ki

  private final AccessReview review;
  private final Set<String> openPaths;

  /**
   * @param openPaths pages that are open to all
   */
  ReaderCheck(AccessReview review, Set<String> openPaths) {
    this.review = review;
    this.openPaths = Set.copyOf(openPaths);
  }

  /** Empty when the reader may read, else what to answer; the texts are the reference's. */
  Optional<AdminPage.Answer> refusal(String path, String method, PageHeaders headers) {
    if (openPaths.contains(path)) {
      return Optional.empty();
    }
    Optional<String> token = token(headers.get("Authorization"));
    if (token.isEmpty()) {
      return Optional.of(unauthorized(headers));
    }
    return switch (review.review(token.get(), path, method.toLowerCase(Locale.ROOT))) {
      case Verdict.Allowed() -> Optional.empty();
      case Verdict.Unknown() -> Optional.of(unauthorized(headers));
      case Verdict.Denied(String user) ->
          Optional.of(refused(403, "Authorization denied for user " + user));
      case Verdict.Unidentified() -> Optional.of(refused(500, "Authentication failed"));
      case Verdict.Undecided(String user) ->
          Optional.of(refused(500, "Authorization for user " + user + " failed"));
    };
  }

  /** Programs are not asked for a password: they would take it for a scheme that is required. */
  private static AdminPage.Answer unauthorized(PageHeaders headers) {
    String accepted = headers.get("Accept");
    return accepted != null && accepted.contains("text/html") ? SIGN_IN : UNAUTHORIZED;
  }

  private static AdminPage.Answer refused(int status, String reason) {
    return AdminPage.Answer.text(status, reason + "\n");
  }

  private static Optional<String> token(@Nullable String authorization) {
    if (authorization == null || authorization.length() > MAX_TOKEN_LENGTH) {
      return Optional.empty();
    }
    String[] parts = authorization.strip().split(" +", 2);
    if (parts.length < 2) {
      return Optional.empty();
    }
    return switch (parts[0].toLowerCase(Locale.ROOT)) {
      case BEARER -> Optional.of(parts[1]);
      case BASIC -> password(parts[1]);
      default -> Optional.empty();
    };
  }

  private static Optional<String> password(String credentials) {
    try {
      String decoded = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      return colon < 0 || colon == decoded.length() - 1
          ? Optional.empty()
          : Optional.of(decoded.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
