package ai.llmd.epp.application;

/**
 * What keeps the prefixes of tenants apart: a prompt counts as cached for those alone who agree in
 * all that is named here. With neither, all clients share their prefixes.
 *
 * @param isByFairnessId whether tenants differ in their fairness id
 * @param header a header in which tenants differ, in lower case; empty for none
 */
public record PrefixSeparation(boolean isByFairnessId, String header) {

  /** All clients share. */
  public static final PrefixSeparation NONE = new PrefixSeparation(false, "");

  boolean isOn() {
    return isByFairnessId || !header.isEmpty();
  }
}
