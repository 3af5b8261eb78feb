package ai.llmd.epp.adapter.admin;

import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.application.port.out.AccessReview.Verdict;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the token of a page's reader, and has it reviewed. */
final class ReaderCheck {

  private static final String SCHEME = "bearer";
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
  Optional<AdminPage.Answer> refusal(String path, String method, @Nullable String authorization) {
    if (openPaths.contains(path)) {
      return Optional.empty();
    }
    Optional<String> token = token(authorization);
    if (token.isEmpty()) {
      return refused(401, "Unauthorized");
    }
    return switch (review.review(token.get(), path, method.toLowerCase(Locale.ROOT))) {
      case Verdict.Allowed() -> Optional.empty();
      case Verdict.Unknown() -> refused(401, "Unauthorized");
      case Verdict.Denied(String user) -> refused(403, "Authorization denied for user " + user);
      case Verdict.Unidentified() -> refused(500, "Authentication failed");
      case Verdict.Undecided(String user) ->
          refused(500, "Authorization for user " + user + " failed");
    };
  }

  private static Optional<AdminPage.Answer> refused(int status, String reason) {
    return Optional.of(AdminPage.Answer.text(status, reason + "\n"));
  }

  private static Optional<String> token(@Nullable String authorization) {
    if (authorization == null || authorization.length() > MAX_TOKEN_LENGTH) {
      return Optional.empty();
    }
    String[] parts = authorization.strip().split(" +", 2);
    return parts.length == 2 && parts[0].equalsIgnoreCase(SCHEME)
        ? Optional.of(parts[1])
        : Optional.empty();
  }
}
