package ai.llmd.epp.image;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What Maven knows a jar by.
 *
 * @param classifier empty for none
 */
record MavenCoordinates(String group, String artifact, String version, String classifier) {

  String url() {
    SortedMap<String, String> qualifiers = new TreeMap<>();
    if (!classifier.isEmpty()) {
      qualifiers.put("classifier", classifier);
    }
    qualifiers.put("type", "jar");
    return PackageUrl.of("maven", group, artifact, version, qualifiers);
  }
}
