package ai.llmd.epp.image;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A licence that something may be used under.
 *
 * @param id of SPDX; empty when there is none, or none is certain
 * @param name as its author gives it
 * @param url of its text; may be empty
 */
record License(String id, String name, String url) {

  private static final Set<String> IDS =
      Set.of(
          "0BSD",
          "Apache-2.0",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "CC0-1.0",
          "EPL-1.0",
          "EPL-2.0",
          "GPL-2.0-with-classpath-exception",
          "LGPL-2.1-only",
          "LGPL-2.1-or-later",
          "MIT",
          "MIT-0",
          "MPL-2.0");

  /** Spellings in use, without case, punctuation, and words that all of them may have. */
  private static final Map<String, String> SPELLINGS =
      Map.ofEntries(
          Map.entry("apache 2 0", "Apache-2.0"),
          Map.entry("apache 2", "Apache-2.0"),
          Map.entry("apache software 2 0", "Apache-2.0"),
          Map.entry("apache public 2 0", "Apache-2.0"),
          Map.entry("bsd 2 clause", "BSD-2-Clause"),
          Map.entry("bsd 3 clause", "BSD-3-Clause"),
          Map.entry("3 clause bsd", "BSD-3-Clause"),
          Map.entry("cc0", "CC0-1.0"),
          Map.entry("public domain per creative commons cc0", "CC0-1.0"),
          Map.entry("eclipse public 1 0", "EPL-1.0"),
          Map.entry("eclipse public 2 0", "EPL-2.0"),
          Map.entry("mit", "MIT"),
          Map.entry("mit 0", "MIT-0"),
          Map.entry("mozilla public 2 0", "MPL-2.0"));

  /** Gives the SPDX id to what is known under several names. */
  static License of(String name, String url) {
    String plain =
        name.toLowerCase(Locale.ROOT)
            .replaceAll("[^a-z0-9]+", " ")
            .replaceAll("\\b(the|licen[cs]e|version)\\b|\\bv(?=\\s*\\d)", " ")
            .replaceAll("\\s+", " ")
            .strip();
    String id = IDS.contains(name) ? name : SPELLINGS.getOrDefault(plain, "");
    return new License(id, name, url);
  }
}
