package ai.llmd.epp.domain.routing;

/**
 * Where the rule comes from that chose a request's model.
 *
 * @param rewrite name of the rewrite
 * @param index place of the rule within it, from 0
 */
public record RewriteOrigin(String rewrite, int index) {}
