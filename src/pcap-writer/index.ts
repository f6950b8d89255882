export {CaptureError, systemError} from './capture-error.js';
export {DEFAULT_SNAPLEN, LINKTYPE_ETHERNET, type PcapOptions, PcapWriter} from './pcap.js';
export {
  type InterfaceFields,
  type InterfaceStatistics,
  type PacketOptions,
  PcapngWriter,
  type SectionOptions,
} from './pcapng.js';
export {
  type CaptureInterface,
  type CaptureReader,
  type CaptureRecord,
  openCapture,
  type ReaderOptions,
} from './reader.js';
export {RotatingPcapWriter, type RotationOptions} from './rotate.js';
export {type ByteSink, type FileSink, fileSink, MemorySink} from './sink.js';
export {type ByteSource, chunkSource, descriptorSource, fileSource} from './source.js';
