package ai.llmd.epp.domain.catalogue;

/**
 * The version of what a plugin in a jar of its own is built against: the types of {@code
 * domain.catalogue}, {@code .facts}, {@code .pool}, {@code .request}, {@code .routing}, {@code
 * .scheduling} (not of the packages below it) and {@code .saturation.SaturationDetector}. The rest
 * of this module are the plugins of the program itself and what they stand on; it may change at any
 * time.
 */
public final class PluginApi {

  /** Raised when a plugin that was built before may break; what is merely added keeps it. */
  public static final int VERSION = 1;

  /** The entry of a jar's main manifest section that names the version it was built against. */
  public static final String MANIFEST_ENTRY = "Epp-Plugin-Api";

  private PluginApi() {}
}
