@NullMarked
package ai.llmd.epp.sidecar.cli;

import org.jspecify.annotations.NullMarked;
