package ai.llmd.epp.adapter.admin.server;

import ai.llmd.epp.adapter.admin.PageHeaders;
import java.util.Set;

/**
 * Knows what a page of another site has its reader's browser ask, along with what the browser
 * remembers of its user. Such a page gets nothing to read, and would still take a watcher's place
 * or stop the program for a diagnosis.
 */
final class OtherSites {

  /** What a browser writes there itself; no page can. Programs leave it out. */
  private static final String SITE = "Sec-Fetch-Site";

  private static final Set<String> OWN = Set.of("same-origin", "none");

  private OtherSites() {}

  /** Whether a request comes from a page of another site, and is no link that was followed. */
  static boolean isAsking(PageHeaders headers) {
    String site = headers.get(SITE);
    return site != null && !OWN.contains(site) && !isLink(headers);
  }

  /** To a page of its own, not in a frame. */
  private static boolean isLink(PageHeaders headers) {
    return "navigate".equals(headers.get("Sec-Fetch-Mode"))
        && "document".equals(headers.get("Sec-Fetch-Dest"));
  }
}
