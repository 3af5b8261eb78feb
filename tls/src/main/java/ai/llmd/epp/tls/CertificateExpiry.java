package ai.llmd.epp.tls;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When to warn of a certificate's end: from two weeks before, or, where certificates live shorter,
 * when a fifth of its life is left (whoever renews them does so when a third is); once a day. One
 * thread.
 */
final class CertificateExpiry {

  private static final Duration LONGEST_NOTICE = Duration.ofDays(14);
  private static final int PART_OF_LIFE = 5;
  private static final Duration REPEAT_AFTER = Duration.ofDays(1);

  private @Nullable X509Certificate warnedOf;
  private Instant warnedAt = Instant.MIN;

  /** A sentence for the log, if it is time for one. */
  Optional<String> warning(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
    Duration part = life.dividedBy(PART_OF_LIFE);
    Duration notice = part.compareTo(LONGEST_NOTICE) < 0 ? part : LONGEST_NOTICE;
    boolean isTold = certificate.equals(warnedOf) && now.isBefore(warnedAt.plus(REPEAT_AFTER));
    if (now.isBefore(end.minus(notice)) || isTold) {
      return Optional.empty();
    }
    warnedOf = certificate;
    warnedAt = now;
    return Optional.of(
        now.isAfter(end)
            ? "the certificate ended at " + end
            : "the certificate ends at " + end + ", and no new one is there");
  }
}
