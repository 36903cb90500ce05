/** The stock Amazon Linux image: it boots, and serves nothing. The public SSM parameter for Amazon Linux answers with its id. */

export const stockImageId = 'ami-0a11223344556677a';

/** The account that owns Amazon Linux. */
export const amazonAccount = '137112412989';

export const stockImageName = 'al2023-ami-2023.9.20261117.0-kernel-6.1-x86_64';
