@NullMarked
package ai.llmd.epp.sidecar.proxy;

import org.jspecify.annotations.NullMarked;
