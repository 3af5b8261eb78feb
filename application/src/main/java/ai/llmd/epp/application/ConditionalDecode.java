package ai.llmd.epp.application;

import ai.llmd.epp.domain.facts.FactKey;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PrefixMatches;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.request.RequestHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The gate behind {@code Prefer: if-available}: such a request wants an endpoint that holds some of
 * its prompt already, or none at all. Only the default prefix producer counts, as upstream.
 *
 * <p>Its answers show any client whether a prompt has been asked before, so it is open only where
 * coordinators need it.
 */
public final class ConditionalDecode {

  private static final String HEADER = "prefer";
  private static final String PREFERENCE = "if-available";
  private static final FactKey<PrefixMatches> KEY =
      PrefixMatches.key(PrefixMatches.DEFAULT_PRODUCER);

  private final boolean isOpen;

  /**
   * @param isOpen whether the preference counts at all
   */
  public ConditionalDecode(boolean isOpen) {
    this.isOpen = isOpen;
  }

  boolean refuses(RequestHeaders headers, Facts facts, Candidate destination) {
    if (!isOpen) {
      return false;
    }
    @Nullable String prefer = headers.value(HEADER);
    if (prefer == null || !asksForCached(prefer)) {
      return false;
    }
    @Nullable PrefixMatches matches = facts.get(KEY);
    return matches == null || matches.matchedBlocks(destination.slot()) == 0;
  }

  /** Elements are separated by commas; what follows a semicolon are parameters (RFC 7240). */
  private static boolean asksForCached(String prefer) {
    int start = 0;
    while (start <= prefer.length()) {
      int comma = prefer.indexOf(',', start);
      int end = comma < 0 ? prefer.length() : comma;
      int semicolon = prefer.indexOf(';', start);
      int nameEnd = semicolon < 0 || semicolon > end ? end : semicolon;
      if (prefer.substring(start, nameEnd).trim().equalsIgnoreCase(PREFERENCE)) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }
}
