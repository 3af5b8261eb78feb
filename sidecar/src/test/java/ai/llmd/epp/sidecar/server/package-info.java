@NullMarked
package ai.llmd.epp.sidecar.server;

import org.jspecify.annotations.NullMarked;
