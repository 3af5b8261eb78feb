/** What goes from a client to a model server and back: headers, streams, errors. */
@NullMarked
package ai.llmd.epp.sidecar.proxy;

import org.jspecify.annotations.NullMarked;
