package ai.llmd.epp.image;

import java.util.List;

/**
 * One thing that an image has in it.
 *
 * @param type as CycloneDX names it: {@code library}, {@code platform}, {@code file}
 * @param group empty for none
 * @param version empty when it has none
 * @param url of the package; empty when it has none
 * @param cpe that vulnerability databases name it by; empty when unknown
 * @param licenses any of which allows its use; empty when unknown
 * @param sha256 of its only file; empty when it has several
 * @param locations paths in the image
 */
record Component(
    String type,
    String group,
    String name,
    String version,
    String url,
    String cpe,
    List<License> licenses,
    String sha256,
    List<String> locations) {

  /** Differs from that of all others. */
  String reference() {
    return url.isEmpty() ? type + ":" + locations.getFirst() : url;
  }
}
