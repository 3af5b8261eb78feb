/** Endpoints listed in a YAML or JSON file, which may be watched while the program runs. */
@NullMarked
package ai.llmd.epp.adapter.files;

import org.jspecify.annotations.NullMarked;
