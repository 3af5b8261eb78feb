package ai.llmd.epp.acceptance.stack;

import java.util.Locale;

/**
 * The three ways to run Envoy in front of the picker; {@code deploy/envoy} describes what each
 * buys.
 */
public enum EnvoyMode {
  FULL,
  LEAN,
  RESILIENT;

  String template() {
    return "envoy/" + name().toLowerCase(Locale.ROOT) + ".yaml";
  }
}
