/** The part of dns-packet that the DNS server uses; the package ships no types. */
declare module 'dns-packet' {
  export interface Question {
    name: string;
    type: string;
    class?: string;
  }
  export interface ResourceRecord {
    name: string;
    type: string;
    class?: string;
    ttl?: number;
    data?: unknown;
    /** Of an OPT record: the size of UDP answer that its sender takes. */
    udpPayloadSize?: number;
  }
  export interface Packet {
    id?: number;
    type?: 'query' | 'response';
    flags?: number;
    questions?: Question[];
    answers?: ResourceRecord[];
    authorities?: ResourceRecord[];
    additionals?: ResourceRecord[];
  }
  export const AUTHORITATIVE_ANSWER: number;
  export const RECURSION_DESIRED: number;
  export const RECURSION_AVAILABLE: number;
  export function encode(packet: Packet): Buffer;
  export function decode(bytes: Buffer): Packet;
}
