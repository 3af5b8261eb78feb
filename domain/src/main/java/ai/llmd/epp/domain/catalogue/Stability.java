package ai.llmd.epp.domain.catalogue;

/** How much a plugin type may still change. */
public enum Stability {
  /** Refused without {@code --allow-experimental-plugins}. */
  ALPHA,
  BETA,
  STABLE
}
